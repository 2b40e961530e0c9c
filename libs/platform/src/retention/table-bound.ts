/**
 * What keeps a table from growing for ever: the kind of data with which its rows are removed, of whatever service, or why it has a bound
 * without one. Each service has a list of its tables, `src/store/bounds.ts`; a new table without a line there does not compile, and
 * `tools/lint` knows whether the kinds exist.
 */
export type TableBound = { readonly leavesWith: string } | { readonly because: string };
