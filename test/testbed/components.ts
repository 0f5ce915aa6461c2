import type { Pki } from './pki.ts';

const controllers = [
  'clusterrole-aggregation-controller',
  'deployment-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'replicaset-controller',
  'serviceaccount-controller',
] as const;

/** The arguments of an etcd that forgets a power cut: tests need none of its fsyncs. */
export function etcdArgs(dataDirectory: string, url: string): string[] {
  return [
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    // One member has no peers; any free port will do.
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync',
  ];
}

/** The arguments of a kube-apiserver with RBAC and client certificates. */
export function apiServerArgs(etcdUrl: string, port: number, pki: Pki): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${pki.serverCertificate}`,
    `--tls-private-key-file=${pki.serverKey}`,
    `--client-ca-file=${pki.caCertificate}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${pki.serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    // It would refuse Pods until their namespace has a ServiceAccount, and no kubelet runs them.
    '--disable-admission-plugins=ServiceAccount',
    // On in OpenShift, and stricter: an owner reference that blocks needs a right on the owner.
    '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
  ];
}

/** The arguments of a kube-controller-manager whose controllers act as their own accounts. */
export function controllerManagerArgs(kubeConfigPath: string, pki: Pki): string[] {
  return [
    `--kubeconfig=${kubeConfigPath}`,
    `--controllers=${controllers.join(',')}`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${pki.serviceAccountKey}`,
    `--root-ca-file=${pki.caCertificate}`,
    '--leader-elect=false',
    // Its default port is taken where a second one runs on the machine.
    '--secure-port=0',
    // The default of 20 requests per second makes large garbage collections take minutes.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}
