import { registerEnumType } from 'type-graphql';

/** Which end of a list comes first. */
export enum OrderDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}
registerEnumType(OrderDirection, {
  name: 'OrderDirection',
  description: 'Which end of a list comes first.',
  valuesConfig: { ASC: { description: 'The smallest or oldest.' }, DESC: { description: 'The greatest or newest.' } },
});
