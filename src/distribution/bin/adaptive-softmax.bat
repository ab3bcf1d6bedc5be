@echo off
rem The command adaptive-softmax: runs from any directory.
setlocal

set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"

rem TensorFlow logs errors alone, and uses oneDNN also on processors where it would leave it off.
if not defined TF_CPP_MIN_LOG_LEVEL set "TF_CPP_MIN_LOG_LEVEL=2"
if not defined TF_ENABLE_ONEDNN_OPTS set "TF_ENABLE_ONEDNN_OPTS=1"

"%JAVA%" -Xmx1g %JAVA_OPTS% -cp "%~dp0..\lib\*" org.adaptivesoftmax.cli.Main %*
exit /b %ERRORLEVEL%
