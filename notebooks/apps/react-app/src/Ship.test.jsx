import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import Ship from './Ship.jsx';

const html = (count) => renderToString(<Ship count={count} />);
const boxes = (count) => html(count).split('<rect').length - 1;
const words = (count) => html(count).match(/<figcaption>(.*)<\/figcaption>/)[1];

test('draws each container', () => {
  expect(boxes(0)).toBe(0);
  expect(boxes(5)).toBe(5);
});

test('says how many there are', () => {
  expect(words(3)).toBe('3 containers on board');
});

test('counts a single one right', () => {
  expect(words(1)).toBe('1 container on board');
});
