/** The path of people. */
export const USERS = '/api/platform/v1/users';
