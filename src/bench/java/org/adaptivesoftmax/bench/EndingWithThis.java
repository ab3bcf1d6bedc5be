package org.adaptivesoftmax.bench;

/**
 * Ends another process when a signal ends this one, so that whoever waits for its answer goes on and this process can end
 * too.
 */
final class EndingWithThis implements AutoCloseable {
  private final Thread hook;

  EndingWithThis(Process process) {
    hook = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is ending: the hook does its work.
      return;
    }
  }
}
