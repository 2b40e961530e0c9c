import type { BarredPerson, ReplyOf, readmitUser as readmitted } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { isId } from '../../arguments.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { readAll } from '../access/find-named.js';
import { USERS } from './users-path.js';

/** Prints who was deleted and does not come back. */
export async function listBarred(api: Api, output: Output): Promise<number> {
  const barred = await readAll<BarredPerson>(api, '/api/platform/v1/barred-users');
  output.result(barred, () =>
    table(
      ['connection', 'deleted', 'by', 'id'],
      barred.map(({ connection, deletedAt, deletedBy, userId }) => [
        connection,
        deletedAt,
        deletedBy.name,
        userId,
      ]),
    ),
  );
  return 0;
}

/** Lets somebody come back who was deleted. Nothing but the id is known of them. */
export async function readmitUser(api: Api, id: string, output: Output): Promise<number> {
  if (!isId(id))
    throw new Error(`${id} is no id; npx causeway users barred shows the ids of people who were deleted`);
  const answer = await api.json<ReplyOf<typeof readmitted>>('POST', `${USERS}/${id}/readmit`);
  output.result(
    answer,
    () =>
      `${id} may come back by ${answer.connections.join(', ')}, as a new person without the roles that they had`,
  );
  return 0;
}
