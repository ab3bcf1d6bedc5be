# adaptive-softmax with a Java runtime and nothing else: docker build -t adaptive-softmax . after mvn package.
FROM eclipse-temurin:17-jdk-jammy AS unpacked
COPY target/adaptive-softmax-*.zip /adaptive-softmax.zip
RUN cd /opt && jar xf /adaptive-softmax.zip && mv adaptive-softmax-* adaptive-softmax \
  && chmod 755 adaptive-softmax/bin/adaptive-softmax

FROM eclipse-temurin:17-jre-jammy
COPY --from=unpacked /opt/adaptive-softmax /opt/adaptive-softmax
# TensorFlow's native libraries are unpacked here at the first start, by a user who owns nothing else.
RUN useradd --system --uid 10001 --no-create-home adaptive-softmax \
  && mkdir /var/cache/adaptive-softmax && chown adaptive-softmax /var/cache/adaptive-softmax
ENV JAVA_OPTS="-Dorg.bytedeco.javacpp.cachedir=/var/cache/adaptive-softmax"
USER adaptive-softmax
VOLUME /models /var/cache/adaptive-softmax
EXPOSE 8500 8501
# A load time of minutes is no failure. The runtime's image has no HTTP client, but bash.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8501 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 204 '"]
ENTRYPOINT ["/opt/adaptive-softmax/bin/adaptive-softmax"]
CMD ["serve", "--host", "0.0.0.0", "--config", "/models/models.config"]
