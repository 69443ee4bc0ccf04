/** As much of XML as providers' flat documents need: elements and text. Attributes are not read. */

export interface XmlElement {
  name: string;
  /** Its own text, without that of elements inside. */
  text: string;
  children: XmlElement[];
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\p{L}_][\p{L}\p{N}_.:-]*)((?:\s+[^\s=<>"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/uy;
const MOST_LEVELS = 32;

/** The root element; undefined for anything that is not well-formed, or declares entities. */
export function parseXml(document: string): XmlElement | undefined {
  const top: XmlElement = { name: "", text: "", children: [] };
  const open = [top];
  let index = 0;
  while (index < document.length) {
    TOKEN.lastIndex = index;
    const token = TOKEN.exec(document);
    const parent = open.at(-1);
    if (!token || !parent) return undefined;
    index = TOKEN.lastIndex;
    const [, data, end, name, , empty, text] = token;
    if (data !== undefined) parent.text += data;
    else if (text !== undefined) {
      const plain = unescape(text);
      if (plain === undefined || (parent === top && plain.replace("\uFEFF", "").trim() !== "")) {
        return undefined;
      }
      parent.text += plain;
    } else if (name !== undefined && end) {
      if (parent.name !== name || open.length === 1) return undefined;
      open.pop();
    } else if (name !== undefined) {
      const element: XmlElement = { name, text: "", children: [] };
      parent.children.push(element);
      if (!empty && open.push(element) > MOST_LEVELS) return undefined;
    }
  }
  return open.length === 1 && top.children.length === 1 ? top.children[0] : undefined;
}

/** Every element at the end of a path of names below this one. */
export function allAt(element: XmlElement | undefined, ...path: string[]): XmlElement[] {
  let found = element ? [element] : [];
  for (const name of path) {
    found = found.flatMap(({ children }) => children.filter((child) => child.name === name));
  }
  return found;
}

/** The text of the first element at the end of a path; empty where there is none. */
export function textAt(element: XmlElement | undefined, ...path: string[]): string {
  return allAt(element, ...path)[0]?.text.trim() ?? "";
}

/** An element with text, which is escaped, or with elements, which were written before. */
export function writeXml(
  name: string,
  content: string | ReadonlyArray<string>,
  attributes: Readonly<Record<string, string>> = {},
): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const inside = typeof content === "string" ? escape(content) : content.join("");
  return `<${name}${given.join("")}>${inside}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
const CHARACTERS = new Map(Object.entries(ESCAPES).map(([plain, entity]) => [entity, plain]));

/** Characters that no XML document may hold, escaped or not, are left out. */
function escape(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex -- these are what XML 1.0 forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

function unescape(text: string): string | undefined {
  let isKnown = true;
  const plain = text.replace(/&([^&;\s]{0,12};)?/g, (entity) => {
    const named = CHARACTERS.get(entity);
    if (named !== undefined) return named;
    const [, hex, decimal] = /^&#(?:x([0-9a-f]{1,6})|(\d{1,7}));$/i.exec(entity) ?? [];
    const point = hex ? parseInt(hex, 16) : decimal ? Number(decimal) : -1;
    if (point > 0 && point <= 0x10ffff) return String.fromCodePoint(point).toWellFormed();
    isKnown = false;
    return "";
  });
  return isKnown ? plain : undefined;
}
