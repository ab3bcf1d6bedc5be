package org.adaptivesoftmax.server;

/**
 * What a server does with requests to {@code serving_default} while many others wait, for models that have the signature {@code
 * head_only}.
 */
public enum WhenBusy {
  /** They wait for their turn. */
  EXACT,

  /**
   * They are asked of the head alone at once. Rows whose answer is proven to be exact have it then, the others wait for their
   * turn: every answer is exact.
   */
  HEAD_FIRST,

  /**
   * They are answered by the head alone at once, exact or not. Every answer has one more output, {@code exact} bool [batch],
   * busy or not: false where the answer is not proven.
   */
  HEAD_ONLY
}
