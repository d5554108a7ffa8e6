import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { operatorOf } from '../operator/operator.js';
import { readReason } from './reason.js';
import { userError } from '../user-error.js';
import type { BulkOperation } from './dead-letter-command.events.js';
import type { BulkResult, DeadLetterCommandService } from './dead-letter-command.service.js';
import {
  DiscardDeadLettersInput,
  DiscardDeadLettersPayload,
  EditDeadLetterInput,
  EditDeadLetterPayload,
  RedriveDeadLettersInput,
  RedriveDeadLettersPayload,
} from './dead-letter-command.types.js';
import type { DeadLetterEditService } from './dead-letter-edit.service.js';
import { DeadLetterOperationKind } from './dead-letter-operation.entity.js';
import { readSelection } from './dead-letter-selection.js';

const NOTHING = { matched: 0, accepted: 0, deadLetters: [] };

@Resolver()
export class DeadLetterCommandResolver {
  constructor(
    private readonly commands: DeadLetterCommandService,
    private readonly edits: DeadLetterEditService,
  ) {}

  @Auth('deadletter:manage:any')
  @Mutation(() => RedriveDeadLettersPayload, {
    description: 'Have dead events tried again, with all their attempts. Their services are asked, and answer later.',
  })
  redriveDeadLetters(
    @Arg('input', () => RedriveDeadLettersInput, { description: 'Which.' }) input: RedriveDeadLettersInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RedriveDeadLettersPayload> {
    return this.operate(input, { kind: DeadLetterOperationKind.REDRIVE }, context);
  }

  @Auth('deadletter:manage:any')
  @Mutation(() => DiscardDeadLettersPayload, {
    description: 'Give dead events up for good. Their services are asked, and answer later.',
  })
  async discardDeadLetters(
    @Arg('input', () => DiscardDeadLettersInput, { description: 'Which, and why.' }) input: DiscardDeadLettersInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DiscardDeadLettersPayload> {
    const reason = readReason(input.reason);
    if (reason === null) return { ...NOTHING, userErrors: [userError('REASON_REQUIRED', ['input', 'reason'])] };
    return this.operate(input, { kind: DeadLetterOperationKind.DISCARD, reason }, context);
  }

  @Auth('deadletter:manage:any')
  @Mutation(() => EditDeadLetterPayload, {
    description: 'Give a dead event other data. Its service is asked, and answers later.',
  })
  editDeadLetter(
    @Arg('input', () => EditDeadLetterInput, { description: 'Which, and what it shall say.' })
    input: EditDeadLetterInput,
    @Ctx() context: SubgraphContext,
  ): Promise<EditDeadLetterPayload> {
    return this.edits.edit(input, operatorOf(context));
  }

  private async operate(
    input: RedriveDeadLettersInput,
    operation: BulkOperation,
    context: SubgraphContext,
  ): Promise<BulkResult> {
    const operator = operatorOf(context);
    const selection = readSelection(input);
    if ('code' in selection) return { ...NOTHING, userErrors: [selection] };
    return input.dryRun ? this.commands.count(selection) : this.commands.request(selection, operation, operator);
  }
}
