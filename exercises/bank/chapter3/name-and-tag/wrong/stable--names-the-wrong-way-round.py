# %%
%docker build -t ex3/parcel:1.0 .
%docker tag ex3/parcel:stable ex3/parcel:1.0
