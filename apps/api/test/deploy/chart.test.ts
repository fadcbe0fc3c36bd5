import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loaded } from '../config/write.ts';
import { objectsIn, renderTemplate } from './render-chart.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const chart = parse(read('deploy/helm/Chart.yaml')) as { name: string; version: string; appVersion: string };

interface Values {
  config: { servers: object; pairs: object[]; http: { basePath: string } };
  ingress: { enabled: boolean; className: string };
}
const defaults = () => parse(read('deploy/helm/values.yaml')) as Values;

function values(): Values {
  const given = defaults();
  const server = (host: string) => ({ host, user: 'lockstep', password: '${DB_PASSWORD}' });
  given.config.servers = { db1: server('db1.example.com'), db2: server('db2.example.com') };
  given.config.pairs = [{ source: 'db1', target: 'db2' }];
  return given;
}

/** Of each kind the one object that the chart makes. */
function render(given: Values) {
  const data = {
    Values: given,
    Chart: { Name: chart.name, AppVersion: chart.appVersion },
    Release: { Name: 'watch', Namespace: 'ops' },
  };
  const folder = 'deploy/helm/templates';
  const names = readdirSync(new URL(`../../../../${folder}`, import.meta.url));
  const texts = names.map((name) => [name, renderTemplate(read(`${folder}/${name}`), data)] as const);
  const objects = texts.flatMap(([name, text]) => (name.endsWith('.yaml') ? objectsIn(text) : []));
  return Object.fromEntries((objects as { kind: string }[]).map((each) => [each.kind, each])) as unknown as {
    ConfigMap: { metadata: { name: string }; data: { 'config.yaml': string } };
    Service: { spec: { selector: object; ports: { targetPort: string }[] } };
    Ingress?: {
      spec: { ingressClassName?: string; rules: { host: string; http: { paths: { path: string }[] } }[] };
    };
    StatefulSet: {
      spec: {
        replicas: number;
        selector: { matchLabels: object };
        volumeClaimTemplates: { metadata: { name: string } }[];
        template: {
          metadata: { labels: object; annotations: Record<string, string> };
          spec: {
            containers: {
              image: string;
              ports: { name: string }[];
              livenessProbe: { httpGet: { path: string } };
              readinessProbe: { httpGet: { path: string } };
              volumeMounts: { name: string; mountPath: string }[];
              resources: { limits: { memory: string } };
            }[];
            volumes: { name: string; configMap?: { name: string } }[];
          };
        };
      };
    };
  };
}

test('what belongs together names each other', () => {
  const { ConfigMap, Service, Ingress, StatefulSet } = render(values());
  const { template, selector, volumeClaimTemplates, replicas } = StatefulSet.spec;
  const [container] = template.spec.containers;
  expect(replicas).toBe(1);
  expect(template.metadata.labels).toEqual(selector.matchLabels);
  expect(template.metadata.labels).toEqual(Service.spec.selector);
  expect(container?.ports.map(({ name }) => name)).toContain(Service.spec.ports[0]?.targetPort);
  const volumes = [
    ...template.spec.volumes.map(({ name }) => name),
    ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
  ];
  expect(container?.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.sort());
  expect(template.spec.volumes.find(({ configMap }) => configMap)?.configMap?.name).toBe(
    ConfigMap.metadata.name,
  );
  expect(Ingress).toBeUndefined();
});

test('what it configures is a sound configuration, where the image looks for it', () => {
  const { ConfigMap, StatefulSet } = render(values());
  const env = {
    DB_PASSWORD: 'a',
    PAGE_TOKEN: 'a-token-of-sixteen-characters',
    LOCKSTEP_HTTP__HOST: '0.0.0.0',
  };
  expect(loaded(ConfigMap.data['config.yaml'], { env }).engine.pairs).toHaveLength(1);
  const image = read('Dockerfile');
  const paths =
    StatefulSet.spec.template.spec.containers[0]?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
  for (const variable of ['LOCKSTEP_CONFIG', 'LOCKSTEP_STORAGE__FILE']) {
    const [, folder = ''] = new RegExp(`${variable}=(\\S+)/[^/\\s]+`).exec(image) ?? [];
    expect(paths).toContain(folder);
  }
});

test('a changed configuration makes a new pod, and a base path is also the path of probes and ingress', () => {
  const given = values();
  const before = render(given).StatefulSet.spec.template.metadata.annotations;
  given.config.http.basePath = '/lockstep';
  given.ingress.enabled = true;
  given.ingress.className = 'nginx';
  const { StatefulSet, Ingress } = render(given);
  expect(StatefulSet.spec.template.metadata.annotations).not.toEqual(before);
  const [container] = StatefulSet.spec.template.spec.containers;
  expect(container?.livenessProbe.httpGet.path).toBe('/lockstep/api/health/live');
  expect(container?.readinessProbe.httpGet.path).toBe('/lockstep/api/health/ready');
  expect(Ingress?.spec).toMatchObject({
    ingressClassName: 'nginx',
    rules: [{ host: 'ops.example.com', http: { paths: [{ path: '/lockstep' }] } }],
  });
});

test('nothing is made of it without pairs', () => {
  expect(() => render(defaults())).toThrow('give servers and pairs');
});

test('it is of the version of everything else', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect([chart.version, chart.appVersion]).toEqual([version, version]);
  const [container] = render(values()).StatefulSet.spec.template.spec.containers;
  expect(container?.image).toBe(`lockstep:${version}`);
});

test('a template that uses what this test does not understand fails it', () => {
  expect(() => renderTemplate('{{ lookup "v1" "Pod" }}', {})).toThrow('no function lookup');
  expect(() => renderTemplate('{{ .Values.nothing }}', { Values: {} })).toThrow('no .Values.nothing');
  expect(renderTemplate('a:\n  {{- toYaml . | nindent 2 }}', { b: [1] })).toBe(
    `a:\n  ${stringify({ b: [1] })
      .trim()
      .replaceAll('\n', '\n  ')}`,
  );
});
