import { routeMatrixStories } from './stories/route-matrix.js';
import { startStack } from './support/stack.js';
const stack = await startStack({});
routeMatrixStories(stack);
