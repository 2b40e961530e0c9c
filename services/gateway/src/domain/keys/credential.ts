/** How a caller says who it is: by an API key, by the token of a browser's session, by the access token of a program, or by the SCIM token of an identity provider. */
export interface Credential {
  readonly kind: 'key' | 'session' | 'token' | 'scim';
  readonly secret: string;
}
