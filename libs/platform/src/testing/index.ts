export { type BootedService, type TestBus, bootService, startTestBus } from './boot-service.js';
