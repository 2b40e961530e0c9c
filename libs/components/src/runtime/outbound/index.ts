export { type GuardedPost, createGuardedPost } from './guarded-post.js';
