import { actorOf, auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { DataSource } from 'typeorm';
import { userError } from '../user-error.js';
import { forgetPeople } from './forget-people.js';
import { DeletePersonDataInput, DeletePersonDataPayload } from './person.types.js';

const LONGEST_REASON = 500;

@Resolver()
export class PersonResolver {
  constructor(private readonly database: DataSource) {}

  @Auth('analytics:delete:any', { stepUp: true })
  @Mutation(() => DeletePersonDataPayload, {
    description:
      'Forget of a person all that happened so far: the events stay in the sums, without whom they were about. Of somebody who is deleted it is done anyway.',
  })
  deletePersonData(
    @Arg('input', () => DeletePersonDataInput, { description: 'Whose data, and why.' }) input: DeletePersonDataInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DeletePersonDataPayload> {
    const { userId, reason = null } = input;
    if (!isUuid(userId)) return refused('PERSON_ID_INVALID', 'userId');
    if (reason !== null && [...reason].length > LONGEST_REASON) return refused('REASON_INVALID', 'reason');
    return this.database.transaction(async (manager) => {
      const forgottenEvents = await forgetPeople(manager, [userId]);
      await publish(manager, [
        auditOf(actorOf(context), {
          service: 'analytics',
          action: 'person_data.deleted',
          targets: [{ type: 'user', id: userId }],
          reason,
          details: { forgottenEvents },
        }),
      ]);
      return { forgottenEvents, userErrors: [] };
    });
  }
}

function refused(code: 'PERSON_ID_INVALID' | 'REASON_INVALID', field: string): Promise<DeletePersonDataPayload> {
  return Promise.resolve({ forgottenEvents: null, userErrors: [userError(code, ['input', field])] });
}
