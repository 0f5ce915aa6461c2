const DOMAINS = {
  NA: 'com',
  CA: 'ca',
  EU: 'eu',
  AU: 'com.au',
  SG: 'sg',
  AP: 'asia',
} as const;

/** Where PingOne is in a region. */
export function regionURLs(region: keyof typeof DOMAINS): { apiURL: string; authURL: string } {
  const domain = DOMAINS[region];
  return { apiURL: `https://api.pingone.${domain}`, authURL: `https://auth.pingone.${domain}` };
}
