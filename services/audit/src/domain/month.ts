/** The first day of a time's month (UTC), as `YYYY-MM-01`. */
export function monthOf(time: string): string {
  return `${new Date(time).toISOString().slice(0, 7)}-01`;
}

/** The first day of the following month. */
export function monthAfter(month: string): string {
  const day = new Date(month);
  day.setUTCMonth(day.getUTCMonth() + 1);
  return monthOf(day.toISOString());
}

/** The first day of the month that is so many months before a time's month. */
export function monthBefore(time: string, months: number): string {
  const day = new Date(monthOf(time));
  day.setUTCMonth(day.getUTCMonth() - months);
  return monthOf(day.toISOString());
}

/** Events before this month are refused: Causeway did not exist then, so the time is wrong. */
const FIRST_MONTH = '2020-01-01';

/** True for times that have a month here: from 2020 until the end of next month. The database accepts one month more. */
export function isKept(time: string, now: Date): boolean {
  const month = monthOf(time);
  return month >= FIRST_MONTH && month <= monthAfter(monthOf(now.toISOString()));
}
