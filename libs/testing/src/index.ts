export { freePort, makeCertificate } from '@causeway/stack';
export { startCpuClock } from './cpu-clock.js';
export { type DevFlow, type DevFlows, devFlows } from './dev-flows.js';
export { FlowBuilder, aFlow } from './flow/flow-builder.js';
export {
  type FlowEdge,
  type FlowField,
  type FlowFile,
  type FlowNode,
  type FlowOutput,
} from './flow/flow-file.js';
export { type NodeShape } from './flow/known-types.js';
export { type NodeOptions } from './flow/make-node.js';
export { freezeProcess } from './freeze-process.js';
export { type StartedDatabase, type WantedDatabase } from './host-calls.js';
export {
  type TestAddresses,
  type TestServer,
  testDatabase,
  testNats,
  testPostgres,
  testRedis,
  testServers,
} from './servers.js';
export { NO_SMALL_DISK, type SmallDisk, mountSmallDisk } from './small-disk.js';
export { type WaitOptions, waitFor } from './wait-for.js';
