import type { ServerHandle } from '@lockstep/servers';

/** Makes commits on a source wait in vain for a replica to acknowledge them: it sends, and does not show them. */
export async function stallCommits(source: ServerHandle, forMs: number): Promise<void> {
  if (source.flavour === 'mariadb') {
    await source.query(`SET GLOBAL rpl_semi_sync_master_timeout = ${forMs}`);
    await source.query('SET GLOBAL rpl_semi_sync_master_wait_no_slave = ON');
    await source.query(`SET GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC'`);
    await source.query('SET GLOBAL rpl_semi_sync_master_enabled = ON');
    return;
  }
  await source
    .query(`INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'`)
    .catch((error: unknown) => {
      if (!String(error).includes('exists')) throw error;
    });
  await source.query(`SET GLOBAL rpl_semi_sync_source_timeout = ${forMs}`);
  await source.query('SET GLOBAL rpl_semi_sync_source_wait_no_replica = ON');
  await source.query(`SET GLOBAL rpl_semi_sync_source_wait_point = 'AFTER_SYNC'`);
  await source.query('SET GLOBAL rpl_semi_sync_source_enabled = ON');
}

export async function letCommitsGo(source: ServerHandle): Promise<void> {
  const word = source.flavour === 'mariadb' ? 'master' : 'source';
  await source.query(`SET GLOBAL rpl_semi_sync_${word}_enabled = OFF`);
}
