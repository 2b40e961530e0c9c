export { type Home, type Secrets, openHome, resetHome } from './home.js';
export { type ProcessRecord, endProcess, isAlive } from './processes.js';
export { ROOT } from './places.js';
export { freePort } from './servers/free-port.js';
export { type FoundProgram, findOrInstall } from './servers/debian.js';
export { type Server } from './servers/server.js';
export { type NatsOptions, startNats } from './servers/nats.js';
export { type RedisOptions, startRedis } from './servers/redis.js';
export { type Say, type Servers, startServers } from './servers/start-servers.js';
