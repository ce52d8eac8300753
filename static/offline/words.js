// The words of the page, in the page's language, which the server has put into it.

const found = [...document.querySelectorAll("template[data-words]")].flatMap(({ content }) => [...content.querySelectorAll("data")]);

export const words = { language: document.documentElement.lang.startsWith("zh") ? "zh" : "en" };
/** How a state looks: its word, a shape and a tone, so that colour is never alone. */
export const looks = {};

for (const each of found) {
  words[each.value] = each.textContent;
  if (each.dataset.shape) looks[each.value] = { word: each.textContent, ...each.dataset };
}

/** Put one of the words into an element. */
export function answered(element, word) {
  element.textContent = words[word];
}
