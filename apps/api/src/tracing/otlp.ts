// The only file that knows of OpenTelemetry; it is loaded where tracing is configured, and only then.
import type { Logger } from '@lockstep/checks';
import {
  type Attributes,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../config/loaded.ts';
import { said, secretsOf } from '../said.ts';
import type { Traces } from './traces.ts';

const failed = 1;

/** Spans of runs, attempts at deliveries and requests, to a collector, as OTLP over HTTP. */
export function openTraces({ url, headers }: TracingConfig, version: string, log: Logger): Traces {
  const exporter = saying(new OTLPTraceExporter({ url, headers }), secretsOf(url, headers), log);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'lockstep', 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 2_000 })],
  });
  const tracer = provider.getTracer('lockstep', version);

  const span = (
    name: string,
    {
      kind,
      began,
      ended,
      error,
      attributes,
      parent,
    }: {
      kind: SpanKind;
      began: number;
      ended: number;
      error: string | null;
      attributes: Attributes;
      parent?: string | undefined;
    },
  ): void => {
    const made = tracer.startSpan(name, { kind, attributes, startTime: new Date(began) }, contextOf(parent));
    if (error !== null) made.setStatus({ code: SpanStatusCode.ERROR, message: error });
    made.end(new Date(ended));
  };

  return {
    ran: ({ id, pair, check, state, trigger, evidence, startedAt, finishedAt, progress }) =>
      span(`${check} run`, {
        kind: SpanKind.INTERNAL,
        began: startedAt.getTime(),
        ended: (finishedAt ?? startedAt).getTime(),
        error: state === 'failed' ? evidence : null,
        attributes: {
          'lockstep.run': id,
          'lockstep.pair': pair,
          'lockstep.check': check,
          'lockstep.state': state,
          'lockstep.trigger': trigger,
          'lockstep.evidence': evidence,
          'lockstep.tables': progress.tablesDone,
          'lockstep.rows': progress.rowsDone,
        },
      }),
    attempted: ({ destination, message, alerts, attempt, began, ended, error }) =>
      span(`notify ${destination}`, {
        kind: SpanKind.CLIENT,
        began,
        ended,
        error,
        attributes: {
          'lockstep.destination': destination,
          'lockstep.message': message,
          'lockstep.alerts': alerts,
          'lockstep.attempt': attempt,
        },
      }),
    served: ({ method, route, status, began, ended, traceparent }) =>
      span(`${method} ${route}`, {
        kind: SpanKind.SERVER,
        began,
        ended,
        error: status >= 500 ? `it answered ${status}` : null,
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
        },
        parent: traceparent,
      }),
    // That what was left was not taken is said already, and the error itself may quote anything.
    stop: () => provider.shutdown().catch(() => {}),
  };
}

/** A collector that takes nothing is said once, and so is that it takes something again. */
function saying(exporter: SpanExporter, secrets: readonly string[], log: Logger): SpanExporter {
  let well = true;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const now = Number(result.code) !== failed;
        if (well && !now) {
          const why = said(result.error?.message ?? 'for no reason told', secrets);
          log.warn({}, `traces are not taken: ${why}; they are given up`);
        } else if (!well && now) log.info({}, 'traces are taken again');
        well = now;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

/** By W3C's Trace Context; what is no such thing is nobody's. */
function contextOf(traceparent: string | undefined) {
  const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  const [, traceId = '', spanId = '', flags = ''] = found ?? [];
  if (!found || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return ROOT_CONTEXT;
  const sampled = parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled, isRemote: true });
}
