import type { LivePoll } from '@orion/platform/live';
import { pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ProfileService } from '../profile/profile.service.js';
import { User } from '../profile/user.entity.js';
import { AuditActorType, AuditLog, AuditLogConnection } from './audit-log.entity.js';
import type { AuditService } from './audit.service.js';
import { AuditAnchorInput, AuditLogListArgs, AuditVerification } from './audit.types.js';

@Resolver(() => AuditLog)
export class AuditResolver {
  constructor(
    private readonly audit: AuditService,
    private readonly profiles: ProfileService,
    private readonly added: LivePoll<AuditLog>,
  ) {}

  @Auth('audit:read:any')
  @Query(() => AuditLogConnection, { nullable: true, description: 'The audit log, newest first.' })
  auditLogs(
    @Args(() => AuditLogListArgs) args: AuditLogListArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<AuditLogConnection> {
    const { filter = null } = args;
    return this.audit.page(filter, pageRequest(args, { list: 'Query.auditLogs', filter }, context));
  }

  @Auth('audit:read:any')
  @Query(() => AuditVerification, {
    nullable: true,
    description: 'Whether the audit log is as it was written. Reads all of it.',
  })
  verifyAuditLog(
    @Arg('anchor', () => AuditAnchorInput, {
      nullable: true,
      description: 'A record as it was seen earlier: it must still be there as it was.',
    })
    anchor: AuditAnchorInput | null,
  ): Promise<AuditVerification> {
    return this.audit.verify(anchor ?? null);
  }

  @Auth('audit:read:any')
  @Subscription(() => AuditLog, {
    description: 'Each record as it comes into the audit log, in order.',
    subscribe: ({ context }: { context: SubgraphContext }) => context.resolver(AuditResolver).added.listen(),
  })
  auditLogAdded(@Root() log: AuditLog): AuditLog {
    return log;
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'The person who did it; null when it was none, or when there is no such person any more.',
  })
  async actor(@Root() { actorType, actorId }: AuditLog, @Ctx() context: SubgraphContext): Promise<User | null> {
    return actorType !== AuditActorType.USER || actorId === null
      ? null
      : context.loaders.load(this.profiles.byId, actorId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Id of the person or name of the service that did it, as it was recorded; null for the system.',
  })
  actorName(@Root() { actorId }: AuditLog): string | null {
    return actorId;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Address of the client; null when there was none, or when the person was deleted.',
  })
  async ip(@Root() { id }: AuditLog, @Ctx() context: SubgraphContext): Promise<string | null> {
    return (await context.loaders.load(this.audit.clientsOfLogs, id))?.ip ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'User-Agent header of the client; null when there was none, or when the person was deleted.',
  })
  async userAgent(@Root() { id }: AuditLog, @Ctx() context: SubgraphContext): Promise<string | null> {
    return (await context.loaders.load(this.audit.clientsOfLogs, id))?.userAgent ?? null;
  }
}
