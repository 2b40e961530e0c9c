/**
 * The class that a node's type names. Langflow 1.10 and later name a component of a bundle
 * `ext:<bundle>:<Class>@<slot>`, or by the module that it is imported from. Any other type is returned as it is.
 */
export function componentClass(type: string): string {
  if (type.startsWith('ext:')) return type.slice(type.lastIndexOf(':') + 1).replace(/@.*$/s, '') || type;
  const module = /^(?:lfx|langflow)\.components\.(?:\w+\.)*(\w+)$/.exec(type);
  return module?.[1] ?? type;
}
