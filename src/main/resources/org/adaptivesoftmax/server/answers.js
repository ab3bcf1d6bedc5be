import { bar, byId, element, percent } from './dom.js';

const COLOURS = 6;
const SPECIAL = { '</s>': 'end of the text', '<unk>': 'a word it does not know' };

export const clusterName = (cluster) => (cluster === 0 ? 'head' : 'tail ' + cluster);

export const clusterClass = (cluster) => (cluster === undefined ? 'none' : 'k' + (cluster % COLOURS));

export const isSpecial = (label) => label in SPECIAL;

export const shownLabel = (label) => SPECIAL[label] ?? label;

export function tag(cluster) {
  return element('span', clusterName(cluster), 'tag ' + clusterClass(cluster));
}

/** The largest probability, which has the longest bar. */
export const largest = (...lists) =>
  Math.max(1e-30, ...lists.flat().map((answer) => Math.exp(answer.log_prob ?? -Infinity)));

/**
 * Shows answers, best first.
 *
 * @param scale the probability that has the longest bar
 * @param of {label: answer → element, actions: answer → elements}, each optional
 */
export function showAnswers(id, answers, scale, of = {}) {
  byId(id).replaceChildren(...answers.map((answer) => {
    const item = element('li');
    const known = answer.log_prob !== null;
    const probability = known ? Math.exp(answer.log_prob) : 0;
    const label = (of.label ?? plainLabel)(answer);
    label.classList.add('label');
    item.append(
      label,
      bar(probability / scale, clusterClass(answer.cluster)),
      element('span', known ? percent(probability) : 'no answer', 'number'),
      element('span', known ? 'log ' + answer.log_prob.toFixed(3).replace('-', '−') : '', 'number quiet'),
      answer.cluster === undefined ? element('span') : tag(answer.cluster));
    if (of.actions) {
      const actions = element('span', undefined, 'actions');
      actions.append(...of.actions(answer));
      item.append(actions);
    }
    return item;
  }));
}

export function plainLabel(answer) {
  return element('span', shownLabel(answer.label), isSpecial(answer.label) ? 'special' : '');
}
