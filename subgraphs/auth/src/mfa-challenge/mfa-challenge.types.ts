import { Field, InputType } from 'type-graphql';
import { MfaMethod } from '../sign-in/sign-in.types.js';

@InputType({ description: 'The second factor of a sign-in.' })
export class CompleteMfaInput {
  @Field(() => String, { description: 'The token of the challenge.' })
  readonly challenge!: string;

  @Field(() => MfaMethod, { description: 'What kind of code it is.' })
  readonly method!: MfaMethod;

  @Field(() => String, { description: 'The code.' })
  readonly code!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Ask for no second factor on this device for some time, as long as it sends its deviceToken.',
  })
  readonly trustDevice!: boolean;
}
