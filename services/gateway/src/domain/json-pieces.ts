/** A JSON text in pieces, one after the other: a large one among them is not copied to stand beside its neighbours. */
export type JsonPieces = readonly string[];
