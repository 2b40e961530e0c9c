/**
 * What bounds the size of a table: the kind of data (of any service) with which its rows are removed, or the reason why it is bounded
 * without one. Each service has a list of its tables, `src/store/bounds.ts`; a new table without a line there does not compile, and
 * `tools/lint` checks that the kinds exist.
 */
export type TableBound = { readonly leavesWith: string } | { readonly because: string };
