import { Auth, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { AdminAction, AdminRefusal, AdminService } from './admin.service.js';
import {
  AdminForcePasswordResetInput,
  AdminForcePasswordResetPayload,
  AdminLockUserInput,
  AdminLockUserPayload,
  AdminResetTwoFactorInput,
  AdminResetTwoFactorPayload,
  AdminRevokeSessionsInput,
  AdminRevokeSessionsPayload,
  AdminUnlockUserInput,
  AdminUnlockUserPayload,
} from './admin.types.js';
import type { AdminUserInput, AdminUserPayload } from './admin.types.js';

const WHOM = { description: 'To whom, and why.' };

@Resolver()
export class AdminResolver {
  constructor(private readonly service: AdminService) {}

  @Auth('user:lock:any', { stepUp: true })
  @Mutation(() => AdminLockUserPayload, {
    description: 'Let somebody sign in no more, until adminUnlockUser. All of their sessions end.',
  })
  async adminLockUser(
    @Arg('input', () => AdminLockUserInput, WHOM) input: AdminLockUserInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminLockUserPayload> {
    return payloadOf(input, await this.service.lock(actionOf(input, context)));
  }

  @Auth('user:lock:any', { stepUp: true })
  @Mutation(() => AdminUnlockUserPayload, {
    description: 'Take back adminLockUser, and the lock after too many wrong passwords. A suspended person stays out.',
  })
  async adminUnlockUser(
    @Arg('input', () => AdminUnlockUserInput, WHOM) input: AdminUnlockUserInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminUnlockUserPayload> {
    return payloadOf(input, await this.service.unlock(actionOf(input, context)));
  }

  @Auth('session:revoke:any', { stepUp: true })
  @Mutation(() => AdminRevokeSessionsPayload, { description: 'End all sessions of somebody.' })
  async adminRevokeSessions(
    @Arg('input', () => AdminRevokeSessionsInput, WHOM) input: AdminRevokeSessionsInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminRevokeSessionsPayload> {
    let revokedSessions = 0;
    const refusal = await this.service.revokeSessions(actionOf(input, context), (count) => (revokedSessions = count));
    return { ...payloadOf(input, refusal), revokedSessions };
  }

  @Auth('password:reset:any', { stepUp: true })
  @Mutation(() => AdminForcePasswordResetPayload, {
    description: 'Make the password of somebody unusable, end their sessions and mail them a link to set another one.',
  })
  async adminForcePasswordReset(
    @Arg('input', () => AdminForcePasswordResetInput, WHOM) input: AdminForcePasswordResetInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminForcePasswordResetPayload> {
    return payloadOf(input, await this.service.forcePasswordReset(actionOf(input, context)));
  }

  @Auth('mfa:reset:any', { stepUp: true })
  @Mutation(() => AdminResetTwoFactorPayload, {
    description: 'Take away the second factor of somebody who lost it, with backup codes and trust in devices.',
  })
  async adminResetTwoFactor(
    @Arg('input', () => AdminResetTwoFactorInput, WHOM) input: AdminResetTwoFactorInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminResetTwoFactorPayload> {
    return payloadOf(input, await this.service.resetTwoFactor(actionOf(input, context), input));
  }
}

function actionOf({ userId, reason }: AdminUserInput, context: SubgraphContext): AdminAction {
  return { userId, reason, viewer: viewerOf(context), origin: { ip: context.clientIp, userAgent: context.userAgent } };
}

function payloadOf({ userId }: AdminUserInput, refusal: AdminRefusal): AdminUserPayload {
  if (refusal === null) return { user: { id: userId }, userErrors: [] };
  const path = ['input', refusal === 'REASON_INVALID' ? 'reason' : 'userId'];
  return { user: null, userErrors: [userError(refusal, path)] };
}
