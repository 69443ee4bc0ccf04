/** An answer of the control API that is not a success. */
export class ControlError extends Error {
  override name = "ControlError";
  constructor(
    readonly status: 400 | 403 | 404 | 409 | 504,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads the named fields of a request; refuses what it does not know, so that no typo passes. */
export class Fields {
  readonly #fields: Map<string, unknown>;
  readonly #subject: string;

  constructor(source: unknown, subject: string) {
    if (typeof source !== "object" || source === null || Array.isArray(source)) {
      throw new ControlError(400, "invalid_body", `Cannot read ${subject}: not a JSON object`);
    }
    this.#fields = new Map(Object.entries(source));
    this.#subject = subject;
  }

  #take(name: string): unknown {
    const value = this.#fields.get(name);
    this.#fields.delete(name);
    return value === null ? undefined : value;
  }

  #refuse(name: string, reason: string): never {
    throw new ControlError(400, "invalid_field", `Cannot read ${this.#subject}: ${name} ${reason}`);
  }

  /** A text, or undefined when it is absent. */
  text(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === "string") return value;
    return this.#refuse(name, "must be a string");
  }

  /** A text that has to be there. */
  requiredText(name: string): string {
    return this.text(name) ?? this.#refuse(name, "is missing");
  }

  /** One of the given words, or undefined when it is absent. */
  choice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return words.find((word) => word === value) ??
      this.#refuse(name, `must be one of ${words.join(", ")}`);
  }

  /** A whole number, given as a number or, in a query string, as digits. */
  integer(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number)) {
      if (number >= minimum && number <= maximum) return number;
    }
    return this.#refuse(name, `must be a whole number from ${minimum} to ${maximum}`);
  }

  /** A boolean, or undefined when it is absent. */
  boolean(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#refuse(name, "must be true or false");
  }

  /** A list, or undefined when it is absent. */
  list(name: string): unknown[] | undefined {
    const value = this.#take(name);
    if (value === undefined || Array.isArray(value)) return value;
    return this.#refuse(name, "must be a list");
  }

  /** A list of texts, or undefined when it is absent. */
  texts(name: string): string[] | undefined {
    const values = this.list(name);
    if (values === undefined) return undefined;
    const texts = values.filter((value) => typeof value === "string");
    return texts.length === values.length ? texts : this.#refuse(name, "must hold strings only");
  }

  /** A list of the given words, or undefined when it is absent. */
  choices<Word extends string>(name: string, words: readonly Word[]): Word[] | undefined {
    return this.texts(name)?.map((text) =>
      words.find((word) => word === text) ??
        this.#refuse(name, `must hold only ${words.join(", ")}`)
    );
  }

  /** An object with fields of any name; empty when it is absent. */
  object(name: string): Record<string, unknown> {
    const value = this.#take(name);
    if (value === undefined) return {};
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    return this.#refuse(name, "must be an object");
  }

  /** Refuses whatever was not read. */
  finish(): void {
    const [unknown] = this.#fields.keys();
    if (unknown === undefined) return;
    throw new ControlError(
      400,
      "unknown_field",
      `Cannot read ${this.#subject}: ${unknown} is not known`,
    );
  }
}
