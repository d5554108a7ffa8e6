import { describeBackboneContract } from './backbone-contract.js';

describeBackboneContract('postgres', ({ busUrl }) => busUrl);
