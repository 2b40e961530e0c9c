/** The first day of the month in which a time lies (UTC), as `YYYY-MM-01`. */
export function monthOf(time: string): string {
  return `${new Date(time).toISOString().slice(0, 7)}-01`;
}

/** The first day of the month after. */
export function monthAfter(month: string): string {
  const day = new Date(month);
  day.setUTCMonth(day.getUTCMonth() + 1);
  return monthOf(day.toISOString());
}

/** The first day of the month so many months before the one in which a time lies. */
export function monthBefore(time: string, months: number): string {
  const day = new Date(monthOf(time));
  day.setUTCMonth(day.getUTCMonth() - months);
  return monthOf(day.toISOString());
}

/** Events before this month are not kept: nothing of ours ran then, so the time is wrong. */
const FIRST_MONTH = '2020-01-01';

/** True for times that have a month here: from 2020 until the end of next month. The table's own bound is one month wider. */
export function isKept(time: string, now: Date): boolean {
  const month = monthOf(time);
  return month >= FIRST_MONTH && month <= monthAfter(monthOf(now.toISOString()));
}
