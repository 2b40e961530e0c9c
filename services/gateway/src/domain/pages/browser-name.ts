/** The first that fits names it: others call themselves Chrome or Safari too. */
const BROWSERS = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\b(?:Headless)?Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const;
const MOST_CHARACTERS = 60;

/** What a browser calls itself, as people say it: `Firefox on Linux`; the beginning of it when that is not known. */
export function browserName(userAgent: string): string {
  const find = (names: typeof BROWSERS | typeof SYSTEMS) => names.find(([like]) => like.test(userAgent))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  return userAgent.length > MOST_CHARACTERS ? `${userAgent.slice(0, MOST_CHARACTERS)}…` : userAgent;
}
