/** How a caller says who it is: by an API key, or by the token of a browser's session. */
export interface Credential {
  readonly kind: 'key' | 'session';
  readonly secret: string;
}
