/** What a data key is wrapped for: in another row it does not unwrap. */
export function forDataKey(organisationId: string, id: string): string {
  return JSON.stringify(['data key', organisationId, id]);
}

/** What a master key of the time before there were data keys is wrapped for. */
export function forOldMasterKey(id: string): string {
  return JSON.stringify(['old master key', id]);
}
