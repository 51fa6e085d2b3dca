# %%
%docker build -t ex3/parcel .
%docker tag ex3/parcel ex3/parcel:1.0
%docker tag ex3/parcel ex3/parcel:stable
