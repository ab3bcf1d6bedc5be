import { byId } from './dom.js';

/** By name: versions, labels, and the signatures of each version that is served. */
export let models = {};

export async function loadModels() {
  models = await ask('/page/models.json');
}

/** Asks the server, and throws what it refuses. */
export async function ask(path, body) {
  const headers = {};
  const token = sessionStorage.getItem('token');
  if (token) headers.Authorization = 'Bearer ' + token;
  const response = await fetch(path, body === undefined
    ? { headers }
    : { method: 'POST', headers, body: JSON.stringify(body) });
  byId('token-form').hidden = response.status !== 401;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

/** Runs something, and shows why if it fails. */
export async function told(work) {
  try {
    const result = await work();
    byId('message').textContent = '';
    return result;
  } catch (failure) {
    byId('message').textContent = failure.message;
    return undefined;
  }
}

/** The numbers of the versions that are served, the newest first, as text: they may be too large for a number. */
export function versions(name) {
  return Object.keys(models[name]?.signatures ?? {}).sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).reverse();
}

/** What a version takes and gives. */
export function kind(name, version) {
  const signatures = models[name]?.signatures?.[version] ?? {};
  const signature = signatures.serving_default ?? { inputs: {}, outputs: {} };
  const input = Object.values(signature.inputs)[0] ?? { type: 'DT_STRING', shape: [] };
  return {
    vectors: input.type !== 'DT_STRING',
    width: Number(input.shape[1] ?? 0),
    words: 'words' in signature.outputs,
    whole: 'log_prob' in signatures,
  };
}

/** Asks a version by its text, or by numbers with or without brackets. */
export function askModel(name, version, method, text, more) {
  const body = kind(name, version).vectors ? { vector: numbers(text) } : { text };
  const path = '/page/models/' + encodeURIComponent(name) + '/versions/' + version + ':' + method;
  return ask(path, { ...body, ...more });
}

function numbers(text) {
  const parts = text.replace(/[[\]]/g, ' ').split(/[\s,;]+/).filter((part) => part !== '');
  return parts.map((part) => {
    const number = Number(part);
    if (!Number.isFinite(number)) throw new Error('the vector must hold numbers alone: ' + part);
    return number;
  });
}
