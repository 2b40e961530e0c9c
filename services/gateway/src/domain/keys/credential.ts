/** How a caller says who it is: by an API key, by the token of a browser's session, or by the access token of a program. */
export interface Credential {
  readonly kind: 'key' | 'session' | 'token';
  readonly secret: string;
}
