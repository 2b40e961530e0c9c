export { type BootedService, type TestBus, bootService, startTestBus } from './boot-service.js';
export { testCaller, testKeys, testToken } from './test-keys.js';
export { type Cost, watchProcess, watched } from './watch-process.js';
export {
  FixedKeys,
  type StandInKeys,
  oldMasterKey,
  sealOld,
  startKeyOwner,
  testVault,
} from './stand-in-keys.js';
