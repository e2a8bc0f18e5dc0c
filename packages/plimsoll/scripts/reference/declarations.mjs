/** Declarations and their comments, read from the sources by the TypeScript compiler. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const parsed = new Map();

function parse(path) {
  const known = parsed.get(path);
  if (known) return known;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  parsed.set(path, source);
  return source;
}

/** Everything a barrel exports: name → its declarations (several for overloads). */
export function exportsOf(path) {
  const found = new Map();
  for (const statement of parse(path).statements) {
    if (!ts.isExportDeclaration(statement)) continue;
    const from = join(dirname(path), statement.moduleSpecifier.text);
    for (const { name, propertyName } of statement.exportClause.elements) {
      found.set(name.text, declarationsOf(from, (propertyName ?? name).text));
    }
  }
  return found;
}

export function declarationsOf(path, name) {
  const declarations = parse(path).statements.flatMap((statement) => {
    const nodes = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
    return nodes.filter((node) => node.name?.text === name);
  });
  if (declarations.length === 0) throw new Error(`${path} declares no ${name}`);
  return declarations;
}

/** Classes that extend `base`, all files given: name, comment, and the initialisers of their fields. */
export function classesExtending(paths, base) {
  return paths.flatMap((path) =>
    parse(path)
      .statements.filter(ts.isClassDeclaration)
      .filter((node) =>
        node.heritageClauses?.some((clause) => clause.types.some((type) => type.expression.getText() === base)),
      )
      .map((node) => ({
        name: node.name.text,
        comment: commentOf(node),
        fields: Object.fromEntries(
          node.members
            .filter(ts.isPropertyDeclaration)
            .map((field) => [field.name.getText(), field.initializer?.getText()]),
        ),
      })),
  );
}

/** The comment above a node without its tags. */
export function commentOf(node) {
  const docs = ts.isVariableDeclaration(node) ? node.parent.parent.jsDoc : node.jsDoc;
  return ts.getTextOfJSDocComment(docs?.at(-1)?.comment) ?? '';
}

/** What stands after `@throws`. */
export function throwsOf(node) {
  const tags = (node.jsDoc ?? [])
    .flatMap((doc) => doc.tags ?? [])
    .filter((tag) => ['throws', 'exception'].includes(tag.tagName.text));
  return tags.map((tag) =>
    `${tag.typeExpression?.getText() ?? ''}${ts.getTextOfJSDocComment(tag.comment) ?? ''}`.trim(),
  );
}

/** name, type and comment of each member of an interface. */
export function membersOf(node) {
  return node.members.map((member) => {
    const optional = member.questionToken === undefined ? '' : '?';
    if (ts.isMethodSignature(member)) {
      const generics = member.typeParameters ? `<${textOf(member.typeParameters)}>` : '';
      const signature = `${member.name.getText()}${generics}(${textOf(member.parameters)})`;
      return { name: signature, type: textOf([member.type]), comment: commentOf(member), optional: false };
    }
    return {
      name: `${member.name.getText()}${optional}`,
      type: textOf([member.type]),
      comment: commentOf(member),
      optional: optional !== '',
    };
  });
}

/** On one line, without `readonly`, which says nothing to a reader. */
export function textOf(nodes) {
  return (
    nodes
      .map((node) => node.getText())
      .join(', ')
      .replaceAll(/\/\*\*.*?\*\//gs, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll('readonly ', '')
      // The public name of the type.
      .replaceAll('TlsPlan', 'TlsOptions')
      .replaceAll(/Readonly<(Record<[^<>]*(?:<[^<>]*>)?[^<>]*>)>/g, '$1')
  );
}

/** A function's head, without its body. */
export function signatureOf(node) {
  const end = node.body?.pos ?? node.end;
  return node
    .getSourceFile()
    .text.slice(node.getStart(), end)
    .replace(/^export /, '')
    .replaceAll('readonly ', '')
    .trim()
    .replace(/;$/, '');
}

/** The methods of an object literal, such as `metric`. */
export function methodsOf(node) {
  return node.initializer.properties.filter(ts.isMethodDeclaration).map((method) => ({
    name: `${node.name.getText()}.${method.name.getText()}(${textOf(method.parameters)})`,
    type: textOf([method.type]),
    comment: commentOf(method),
    optional: false,
  }));
}

export const isInterface = ts.isInterfaceDeclaration;
export const isTypeAlias = ts.isTypeAliasDeclaration;
export const isFunction = ts.isFunctionDeclaration;
