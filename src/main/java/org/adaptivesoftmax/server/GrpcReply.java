package org.adaptivesoftmax.server;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.error.Code;

/** Answers a call once: when it is done, or when its time is over. */
final class GrpcReply<T> implements RequestQueue.Reply<T> {
  private final ServerCallStreamObserver<T> out;
  private final Consumer<Code> counted;
  private final AtomicBoolean done = new AtomicBoolean();
  private volatile @Nullable Future<?> timer;

  /**
   * @param counted told how the call ended
   */
  GrpcReply(ServerCallStreamObserver<T> out, Consumer<Code> counted) {
    this.out = out;
    this.counted = counted;
  }

  /** For a call whose client sets it no end. */
  void failAfter(Duration deadline, ScheduledExecutorService timers) {
    timer =
        timers.schedule(
            () -> fail(new RequestFailure(Code.DEADLINE_EXCEEDED, "Deadline exceeded")),
            deadline.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void answer(T answer) {
    if (ends(Code.OK) && !out.isCancelled()) {
      out.onNext(answer);
      out.onCompleted();
    }
  }

  @Override
  public void fail(RequestFailure failure) {
    if (ends(failure.code())) {
      out.onError(
          Status.fromCodeValue(failure.code().getNumber())
              .withDescription(failure.getMessage())
              .asException());
    }
  }

  private boolean ends(Code code) {
    if (!done.compareAndSet(false, true)) {
      return false;
    }
    Future<?> running = timer;
    if (running != null) {
      running.cancel(false);
    }
    counted.accept(code);
    return true;
  }
}
