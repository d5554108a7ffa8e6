import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far an export is. */
export enum DataExportStatus {
  PENDING = 'PENDING',
  READY = 'READY',
}
registerEnumType(DataExportStatus, {
  name: 'DataExportStatus',
  description: 'How far a copy of all data is.',
  valuesConfig: {
    PENDING: { description: 'Some services have not answered yet.' },
    READY: { description: 'It is complete.' },
  },
});

@Entity('data_exports')
@ObjectType({ description: 'A copy of all that is known of a person, in every service.' })
export class DataExport {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Field(() => DataExportStatus, { description: 'How far it is.' })
  @Column('text')
  status!: DataExportStatus;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  @Column('timestamptz')
  requestedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Since when it is complete; null while it is not.' })
  @Column('timestamptz', { nullable: true })
  readyAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'When it is deleted here.' })
  @Column('timestamptz')
  expiresAt!: Date;
}
