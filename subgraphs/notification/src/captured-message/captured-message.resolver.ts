import { pageRequest } from '@orion/platform/pagination';
import { Public } from '@orion/platform/subgraph';
import { GraphQLError } from 'graphql';
import { Args, Query, Resolver } from 'type-graphql';
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
  capturedMessages(@Args(() => CapturedMessageArgs) args: CapturedMessageArgs): Promise<CapturedMessageConnection> {
    if (this.messages === null) {
      throw new GraphQLError('Mails are captured in demo mode only (ORION_DEMO=true). Here they are sent.', {
        extensions: { code: 'FORBIDDEN' },
      });
    }
    return this.messages.page(pageRequest(args), { recipient: args.recipient ?? null });
  }
}
