import { FieldResolver, Resolver, Root } from 'type-graphql';
import { User } from '../recipient/user.stub.js';
import { DeadLetterOperation } from './dead-letter-operation.entity.js';

@Resolver(() => DeadLetterOperation)
export class DeadLetterOperationResolver {
  @FieldResolver(() => User, { nullable: true, description: 'Who asked for it.' })
  requestedBy(@Root() { requestedById }: DeadLetterOperation): User {
    return { id: requestedById };
  }
}
