/** A JSON text as a list of pieces in order, so that a large piece is not copied to join it with the others. */
export type JsonPieces = readonly string[];
