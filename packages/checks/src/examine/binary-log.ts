import type { ServerFacts } from '../server/sql-server.ts';
import { formatDuration } from '../time/duration.ts';
import { bad, doubt, type Finding, good } from './finding.ts';
import type { ServerSettings } from './server-settings.ts';

const dayMs = 86_400_000;

/** Of a source: what its replicas live on. */
export function binaryLog(facts: ServerFacts, settings: ServerSettings): Finding[] {
  if (!facts.binlog) {
    return [
      bad(
        'binary log',
        'it is off: nothing can replicate from this server',
        'log_bin in its configuration, and a restart',
      ),
    ];
  }
  return [
    good('binary log', 'it is on'),
    format(settings),
    image(settings),
    ...metadata(settings),
    retention(settings),
  ];
}

function format(settings: ServerSettings): Finding {
  const value = settings.get('binlog_format');
  // MySQL does without the setting from 9 on.
  if (value === 'ROW' || value === '') return good('binlog format', 'ROW');
  const why =
    value === 'MIXED'
      ? 'MIXED: what is thought safe is replicated as statements, which can come out otherwise on a replica'
      : 'STATEMENT: statements can come out otherwise on a replica, and differences in tables without transactions are not decided';
  return (value === 'MIXED' ? doubt : bad)('binlog format', why, "SET GLOBAL binlog_format = 'ROW'");
}

function image(settings: ServerSettings): Finding {
  const value = settings.get('binlog_row_image');
  if (/^FULL/i.test(value) || value === '') return good('row image', value || 'FULL');
  return doubt(
    'row image',
    `${value}: a replica whose row differs does not notice it when it applies a change`,
    "SET GLOBAL binlog_row_image = 'FULL'",
  );
}

function metadata(settings: ServerSettings): Finding[] {
  const value = settings.get('binlog_row_metadata');
  if (value === '') return [];
  const names = value === 'FULL' ? 'with' : 'without';
  return [
    good(
      'row metadata',
      `${value}: changes are logged ${names} the names of columns; replication needs none`,
    ),
  ];
}

function retention(settings: ServerSettings): Finding {
  const seconds = Number(settings.get('binlog_expire_logs_seconds') || 0);
  const ms = seconds > 0 ? seconds * 1000 : Number(settings.get('expire_logs_days') || 0) * dayMs;
  if (ms === 0) return good('retention', 'binary logs are kept until somebody removes them');
  const kept = `binary logs are kept for ${formatDuration(ms)}`;
  if (ms >= dayMs) return good('retention', kept);
  return doubt(
    'retention',
    `${kept}: a replica that is away for longer has to be set up anew`,
    'SET GLOBAL binlog_expire_logs_seconds = 259200',
  );
}
