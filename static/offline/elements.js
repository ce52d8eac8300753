// Elements of the page, made of text and never of markup.

/** An element with a class (or none) and content. */
export function element(tag, className = "", ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}
