import { pageRequest } from '@orion/platform/pagination';
import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { GraphQLError } from 'graphql';
import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { CapturedMessageService } from './captured-message.service.js';
import { CapturedMessageArgs, CapturedMessageConnection } from './captured-message.types.js';

@Resolver()
export class CapturedMessageResolver {
  /** @param messages null outside of demo mode, where there is nothing to show to anybody. */
  constructor(private readonly messages: CapturedMessageService | null) {}

  @Public()
  @Query(() => CapturedMessageConnection, {
    nullable: true,
    description: 'In demo mode: the mails that would have been sent, newest first. Refused otherwise.',
  })
  capturedMessages(
    @Args(() => CapturedMessageArgs) args: CapturedMessageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<CapturedMessageConnection> {
    if (this.messages === null) {
      throw new GraphQLError('Mails are captured in demo mode only (ORION_DEMO=true). Here they are sent.', {
        extensions: { code: 'FORBIDDEN' },
      });
    }
    const recipient = args.recipient ?? null;
    const request = pageRequest(args, { list: 'Query.capturedMessages', filter: { recipient } }, context);
    return this.messages.page(request, { recipient });
  }
}
